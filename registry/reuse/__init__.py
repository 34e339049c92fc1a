"""Who reuses what: one ledger of dated steps for each body and service, and figures as reported."""
