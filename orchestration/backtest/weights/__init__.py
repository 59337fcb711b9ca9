"""Would other weights foretell better? Fitted on earlier dates, judged on later ones.

`evidence` says what each rule gave everybody on past dates; `fitting` finds factors of today's
weights that foretell who converts, as far as the evidence speaks; `variants` are rules with other
half-lives and caps; `scaling` keeps the bands where they are and rounds to plain numbers;
`suggestion` puts it together and judges it out of time; `seed_files` reads the rules that are in
force and writes those suggested, beside them and never over them.
"""
