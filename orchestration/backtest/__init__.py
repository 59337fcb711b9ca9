"""Do the scores predict? What the product would have said on past days, and who converted after.

`history` reads the pipeline's narrow tables once; `identity`, `traffic` and `scoring` say who is
who, who is a program and what everybody scores on one day, on the log cut at its end; `frames` puts
the days together with what happened in the 30 days after each; `measures` holds them against two
baselines, and `findings` says in a sentence what came out.
"""
