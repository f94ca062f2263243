"""What an expert said of themselves as text, as their forms show it and as ``rules.lines`` reads it again."""

from __future__ import annotations

from grants.experts.models import Expert
from grants.organisations import queries as organisations


def profile(expert: Expert) -> dict[str, str]:
    """Employer, country, words, languages."""
    return {
        "employer_name": expert.employer_name,
        "pic": organisations.pic_of(expert.employer_id) if expert.employer_id else "",
        "country": expert.country,
        "expertise": ", ".join(expert.expertise),
        "languages": ", ".join(expert.languages),
        "gender": expert.gender,
    }


def background(expert: Expert) -> dict[str, str]:
    """Dated employers and publications, one a line, and what stands beside them."""
    jobs = (
        f"{each.began_on} | {each.ended_on or ''} | {each.name} | {each.department} | "
        f"{each.organisation.pic if each.organisation else ''}"
        for each in expert.jobs
    )
    publications = (
        f"{each.year} | {each.title} | {each.doi} | {'; '.join(each.authors)}" for each in expert.publications
    )
    return {
        "nationality": expert.nationality, "sector": expert.sector, "orcid": expert.orcid, "jobs": "\n".join(jobs),
        "publications": "\n".join(publications),
    }  # fmt: skip


def concepts(expert: Expert) -> dict[str, str]:
    """Chosen keywords of the tree."""
    return {"keywords": ", ".join(each.label for each in expert.concepts)}


def interests(expert: Expert) -> dict[str, str]:
    """Declared ties, one a line."""
    return {"ties": "\n".join(f"{each.kind} | {each.name}" for each in expert.ties)}


def absences(expert: Expert) -> dict[str, str]:
    """Periods when the expert is away, one a line."""
    return {"absences": "\n".join(f"{each.began_on} | {each.ended_on}" for each in expert.absences)}
