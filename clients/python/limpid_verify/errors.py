"""The one way in which verification fails."""


class Refused(Exception):
    """The file is malformed, or something in it does not verify."""
