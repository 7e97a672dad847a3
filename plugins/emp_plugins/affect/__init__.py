"""Numbers about feelings, without a model: label probabilities in, valence, axes, polarity out.

`goemotions` names the 28 labels and their valence, `hourglass` maps them to four axes and a
polarity, `state` keeps what is known about a client between turns and writes it as a header.
"""
