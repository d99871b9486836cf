"""What every room speaks: events, inputs, effects, what a decider returns, conditions, and what a screen says."""
