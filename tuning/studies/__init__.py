"""Studies: controlled, replicated comparisons that say how narrow a layer may be.

question (which networks are compared) -> plan (what is trained next) -> trainer (trains it, once) ->
paired (what the losses show) -> result -> words
"""
