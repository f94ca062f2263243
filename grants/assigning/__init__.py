"""Who evaluates what: an assignment of experts to proposals that is near the best, with a proof of how near."""
