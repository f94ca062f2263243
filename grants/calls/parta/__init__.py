"""Part A of a proposal as data: sections and fields that a template or a manager defines. All of it is pure.

``definition`` says what a form is, ``checking`` what is wrong with one, ``expressions`` evaluates its conditions,
``answers`` turns what was typed into values and findings, and tells what a newer version no longer asks.
"""
