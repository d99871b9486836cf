"""Who may do what: the roster, its rules, their badges as inputs, the policy of the door."""
