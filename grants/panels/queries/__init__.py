"""Reading panels, meetings, proposals before their panel, hearings, and what observers see."""
