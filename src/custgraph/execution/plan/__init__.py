"""Plans: whole operations compiled, so that graphql-core need not run while all goes well.

The door is `Planner`. `docs/compiled-plans.md` explains it on one page.
"""

from custgraph.execution.plan.plan import General, Plan, Planner
from custgraph.execution.plan.replay import Replay

__all__ = ["General", "Plan", "Planner", "Replay"]
