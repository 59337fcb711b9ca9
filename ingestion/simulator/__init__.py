"""A believable log with known truth: `simulate` writes it.

People (`people`, `devices`) come by (`visits`) as their intent has it (`intent`, `purposes`); they
leave events (`history`, from `browsing`, `conversions` and `usage`) under names (`namings`), which
reach the log in some order (`delivery`) and some condition (`faults`, `messages`, `writer`);
`truth` keeps who they really were. Where asked for, programs that call themselves a browser
(`hidden`) come beside them. All of it is a function of the arguments: nothing reads the
clock (but for a missing end date), the network or the order of a hash.
"""

from ingestion.simulator.world import SimulationSummary, simulate

__all__ = ["SimulationSummary", "simulate"]
