"""What a user can mend."""


class UserError(Exception):
    """A mistake of the caller's, told in one line: what is wrong, where, and what to do.

    The command line prints the message alone and leaves with exit code 2.
    """
