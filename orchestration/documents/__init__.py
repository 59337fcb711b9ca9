"""Pages of docs/ that are made from the dbt project, so that they say what the models say.

Each is written by a module of its own (`python -m orchestration.documents.data_dictionary`,
`… .questions`), and a test fails where the page that is kept is not the page that would be made.
"""
