"""Records decisions on one paper until it is killed, and prints the number of each as soon as it is saved."""

import sys

from scixtag.review.desk import Desk
from scixtag.review.store.database import Database

with Database.open(sys.argv[1], patience=30) as database:
    desk = Desk(database)
    seq = desk.paper(sys.argv[2]).state.seq
    while True:
        seq = desk.record(sys.argv[2], seq, "note", text="x" * 200, who="ann", key=f"k{seq}").seq
        print(seq, flush=True)
