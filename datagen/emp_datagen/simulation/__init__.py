"""A simulated client that listens: the loop from s_t to s_{t+1}.

The client's state moves with what they hear, and what they say next follows from it::

    with Simulation(judging=None, client="scripted") as simulation:
        clients = simulation.start_all(personas, n=48, seed=0, turns=4)
        while not clients[0].done:
            replies = model.reply([client.prompt() for client in clients])
            clients = simulation.advance(clients, replies)
    records = [client.dialogue.to_json() for client in clients]

**What a trajectory shows, and what it does not.** The state moves by the same kind of judges that
are the rewards of training. A rising polarity therefore says that a model does well by this theory
of clients, which it may have been trained on; it is circular as evidence about people, and nothing
here was fitted to how real clients changed. Give ``judging`` another block of judges than the
recipe's to loosen the circle: the same dialogues, moved by judges that the training never saw. And
read the safety rules, the guards and people's ratings beside it.
"""

from emp_datagen.simulation.listening import Listening
from emp_datagen.simulation.live import SimulatedClient
from emp_datagen.simulation.record import Dialogue, Heard, Turn
from emp_datagen.simulation.simulate import Simulation

__all__ = ["Dialogue", "Heard", "Listening", "SimulatedClient", "Simulation", "Turn"]
