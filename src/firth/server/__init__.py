"""The page: a local server that shows one collection, and nothing else of this machine.

In reading order: `serving` starts it, `app` lists its addresses, `security` decides who may ask, `asking` reads what
is asked and `answering` writes what is answered; `desk` holds what all of them need. Each of `maps`, `columns`,
`items`, `searching`, `jobs`, `comparing`, `planes` and `states` answers for one thing; `packing` is the binary form.
"""
