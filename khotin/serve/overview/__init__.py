"""The overviews: articles over time, a map of the provinces, sites, changes, and two searches compared.

Pictures are drawn on the server as SVG, from small tables made at publication; each has its table and its CSV.
"""
