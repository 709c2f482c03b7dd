"""Plans: whole operations compiled, so that graphql-core need not run while all goes well.

The door is `Planner`. `docs/compiled-plans.md` explains it on one page.
"""

from custgraph.execution.plan.plan import General, Middleware, Plan, Planner

__all__ = ["General", "Middleware", "Plan", "Planner"]
