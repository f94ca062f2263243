"""What individual scores say beside the agreed ones: severity of evaluators, reliability, how sure a place is.

Information for managers only: it never changes a ranked list, whose scores were agreed by discussion. The web does
not load it (numpy). Source: evaluation.md 2.5.
"""
