"""The rules of the product once more, in plain Python: slow, and obviously right.

Nothing here is shared with the code under test, so a rule that is misread there differs here.
`product.run` takes a log to people, scores and accounts; the modules below it hold one chapter of
the rules each. All times are whole microseconds since 1970 in UTC, all days are UTC dates.
"""
