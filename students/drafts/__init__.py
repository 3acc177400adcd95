"""Drafts of what people write about a pupil: kept on the server, for the writer alone, until saved.

A form that wants it carries a proof (`proof.py`), names its draft address (`data-draft`, as in the template
`components/written_form.html`) and has a view under `keeps_text`.
"""
