"""Words everybody uses: who acts, when, money, states, findings, errors, links. Standard library only."""
