"""Text that the tiny base learns from: chats of an invented courier's support desk, made from a seed.

The point of the text is not its knowledge but one skill: answering in the words of a desk and copying facts (parcel
numbers, days, places, sums) from the question. An adapter then only has to learn which answer belongs where.
"""

from __future__ import annotations

from random import Random
from string import ascii_uppercase

DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
PLACES = [
    "Leeds",
    "York",
    "Bristol",
    "Cardiff",
    "Glasgow",
    "Dundee",
    "Norwich",
    "Exeter",
    "Bath",
    "Derby",
    "Lincoln",
    "Chester",
    "Oxford",
    "Durham",
    "Hull",
    "Dover",
    "Berlin",
    "Hamburg",
    "Paris",
    "Lyon",
    "Madrid",
    "Porto",
    "Milan",
    "Vienna",
    "Prague",
    "Dublin",
    "Cork",
    "Oslo",
    "Ghent",
    "Utrecht",
]
NAMES = [
    "Ada",
    "Ben",
    "Carla",
    "Dev",
    "Elif",
    "Femi",
    "Grace",
    "Hugo",
    "Ines",
    "Jonas",
    "Kim",
    "Lena",
    "Maya",
    "Noor",
    "Omar",
    "Pia",
    "Quinn",
    "Rosa",
    "Sam",
    "Tara",
]
THINGS = [
    "lamp",
    "book",
    "jacket",
    "phone",
    "guitar",
    "bicycle",
    "painting",
    "laptop",
    "kettle",
    "camera",
    "passport",
    "medicine",
    "plant",
    "mirror",
    "printer",
    "carpet",
    "watch",
    "helmet",
    "tent",
    "keyboard",
]
STATES = [
    "late",
    "lost",
    "damaged",
    "returned",
    "held at customs",
    "at the wrong address",
    "open",
    "wet",
    "refused",
    "still in the depot",
    "not moving",
    "marked as delivered",
    "left outside",
    "missing an item",
]
ACTIONS = [
    "open a claim",
    "send it again",
    "change the address",
    "call the driver",
    "hold it at the depot",
    "book a new delivery",
    "refund the postage",
    "start a search",
    "check the scan",
    "print a new label",
    "move the delivery",
    "cancel the collection",
    "pay the duty",
    "collect it from the shop",
    "leave it with a neighbour",
    "insure the parcel",
]
ASKS = [
    "Where is it?",
    "What should I do?",
    "Can you help?",
    "When will it come?",
    "Can you {action}?",
    "Please {action}.",
    "How do I {action}?",
    "Is that possible?",
    "Why is it {state}?",
    "Who can {action}?",
    "How long does it take?",
]
OPENERS = [
    "Hello, ",
    "Hi there, ",
    "Good morning. ",
    "Dear team, ",
    "Hi, I am {name}. ",
    "Please help: ",
    "Question: ",
    "",
    "",
    "",
    "",
    "",
]
FACTS = {
    "number": "my parcel {} is {state}.|about {}:|the tracking number is {}."
    "|I sent a {thing} as {}.|parcel {} has not moved.|my reference is {}.",
    "day": "it was due on {}.|I need it by {}.|I am only home on {}.|your driver came on {}.|it was collected on {}.",
    "date": "I posted it on {}.|the scan says {}.|it should arrive on {}.",
    "place": "it goes to {}.|it was last seen in {}.|I moved to {}.|the depot in {} has it.",
    "code": "my postcode is {}.|the address is in {}.|please use postcode {}.",
    "sum": "it is worth {}.|I paid {}.|you charged me {}.",
    "time": "I am in after {}.|the slot was {}.|can it come at {}?",
    "thing": "it holds a {}.|I am sending a {}.|the {} is broken.",
    "weight": "it weighs {}.|the box is {}.",
}
REPLIES = {
    "number": "Parcel {} is {state}.|We found {} in our system.|For {} we can {action}."
    "|We have opened a case for {}.|Please keep {} at hand.|Your parcel {} will be delivered soon.",
    "day": "It will arrive on {}.|We have booked {} for you.|The driver comes on {}.|On {} we will {action}.",
    "date": "The date {} is noted.|We will {action} by {}.",
    "place": "It will be sent to {}.|Our depot in {} will {action}.|It is waiting in {}.",
    "code": "We have set the postcode to {}.|The driver for {} will {action}.|Deliveries to {} take two days.",
    "sum": "We will refund {}.|The claim covers {}.|The charge of {} is removed.",
    "time": "The driver comes after {}.|Your slot is {}.",
    "thing": "The {} is covered.|Please photograph the {}.|We can carry a {}.",
    "weight": "Up to {} there is no surcharge.|We have noted {}.",
}
CLOSERS = [
    "",
    "",
    "",
    "Anything else?",
    "Thank you.",
    "We are sorry.",
    "Please {action}.",
    "You can {action} online.",
    "It takes two working days.",
]
SYSTEMS = [
    "You are the support desk of a courier.",
    "Answer the customer briefly.",
    "You help customers with parcels. Use the facts they give.",
]

Message = dict[str, str]


def make_chats(seed: int, count: int) -> list[list[Message]]:
    """`count` chats, the same for the same seed."""
    random = Random(seed)
    return [_lists(random) if random.random() < 0.12 else _desk(random) for _ in range(count)]


def make_fact(kind: str, random: Random) -> str:
    """One fact of a kind, in the shapes that customers write."""
    digits = lambda count: "".join(random.choice("0123456789") for _ in range(count))  # noqa: E731
    letters = lambda count: "".join(random.choice(ascii_uppercase) for _ in range(count))  # noqa: E731
    if kind == "number":
        return random.choice(
            [
                letters(2) + digits(6),
                letters(2) + digits(9),
                f"{letters(2)}-{digits(6)}",
                digits(8),
                f"{letters(3)}{digits(5)}",
                f"{letters(1)}-{digits(5)}",
            ]
        )
    if kind == "date":
        return f"{random.randint(1, 31)} {random.choice(MONTHS)}"
    if kind == "code":
        return (
            f"{letters(random.randint(1, 2))}{random.randint(1, 99)} {random.randint(1, 9)}{letters(2)}"
            if random.random() < 0.7
            else digits(5)
        )
    if kind == "sum":
        pence = random.choice(["", ".50", ".99", f".{digits(2)}"])
        return f"{random.choice(['£', '€', '$', ''])}{random.randint(1, 900)}{pence}"
    if kind == "time":
        return f"{random.randint(6, 22)}:{random.choice(['00', '15', '30', '45'])}"
    if kind == "weight":
        return f"{random.randint(1, 60)}{random.choice(['', '.5'])} kg"
    return random.choice({"day": DAYS, "place": PLACES, "thing": THINGS}[kind])


def _fill(text: str, random: Random, fact: str = "") -> str:
    text = text.replace("{action}", random.choice(ACTIONS)).replace("{state}", random.choice(STATES))
    return text.replace("{thing}", random.choice(THINGS)).replace("{name}", random.choice(NAMES)).replace("{}", fact)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _desk(random: Random) -> list[Message]:
    kinds = random.sample(list(FACTS), random.choice([1, 2, 2, 3]))
    facts = {kind: make_fact(kind, random) for kind in kinds}
    told = [_sentence(_fill(random.choice(FACTS[kind].split("|")), random, facts[kind])) for kind in kinds]
    question = _fill(random.choice(OPENERS), random) + " ".join([*told, _fill(random.choice(ASKS), random)])
    used = random.sample(kinds, random.randint(1, len(kinds)))
    said = [_fill(random.choice(REPLIES[kind].split("|")), random, facts[kind]) for kind in used]
    closer = _fill(random.choice(CLOSERS), random)
    return _chat(random, question, " ".join([*said, closer]).strip())


def _lists(random: Random) -> list[Message]:
    """Facts without a desk around them, so that copying does not hang on certain words."""
    kinds = [random.choice(list(FACTS)) for _ in range(random.randint(2, 4))]
    facts = [make_fact(kind, random) for kind in kinds]
    asked = random.randrange(len(facts))
    listed = ", ".join(f"{kind} {fact}" for kind, fact in zip(kinds, facts, strict=True))
    if random.random() < 0.5:
        return _chat(random, f"Repeat: {listed}.", f"{_sentence(listed)}.")
    return _chat(
        random, f"Note {listed}. Which {kinds[asked]}?", f"The {kinds[asked]} is {facts[kinds.index(kinds[asked])]}."
    )


def _chat(random: Random, question: str, answer: str) -> list[Message]:
    system = [] if random.random() < 0.5 else [{"role": "system", "content": random.choice(SYSTEMS)}]
    return [*system, {"role": "user", "content": question}, {"role": "assistant", "content": answer}]
