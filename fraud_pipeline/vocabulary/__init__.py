"""The catalogue of codes: what each code of a closed list means, in Chinese and in English.

One module a family of lists. Every list is a ``dict`` from the code, as it stands in tables, to a
:class:`fraud_pipeline.vocabulary.term.Term`. Whoever shows a code to people reads its label here;
no other module holds a code beside a label (``tests/vocabulary``). Sentences to people stand in
:mod:`fraud_pipeline.vocabulary.messages`.
"""
