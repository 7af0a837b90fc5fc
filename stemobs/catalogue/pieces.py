"""A mapping in pieces: a changed copy shares every piece in which nothing changed.

A dict of a hundred thousand keys takes milliseconds to copy, however little changes in the copy.
"""

from collections.abc import Hashable, ItemsView, Iterable, Iterator, Mapping
from itertools import chain
from typing import Any, TypeVar, cast, overload

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")
Other = TypeVar("Other")

KEYS_A_PIECE = 64
# How many times as many keys as that a piece comes to have before there are more pieces.
CROWDED = 4


class Pieces(Mapping[Key, Value]):
    """An immutable mapping, of which `with_changes` returns a changed copy."""

    __slots__ = ("pieces", "size")

    def __init__(self, pairs: Mapping[Key, Value] | None = None) -> None:
        pairs = pairs or {}
        self.size = len(pairs)
        self.pieces: list[dict[Key, Value]] = [
            {} for _place in range(max(1, self.size // KEYS_A_PIECE))
        ]
        for key, value in pairs.items():
            self.find_piece(key)[key] = value

    def find_piece(self, key: Hashable) -> dict[Key, Value]:
        """Return the piece that has a key, if any has."""
        return self.pieces[hash(key) % len(self.pieces)]

    def with_changes(
        self, fresh: Mapping[Key, Value], gone: Iterable[Key] = ()
    ) -> "Pieces[Key, Value]":
        """Return a copy with these values put in, and other keys, which it has, taken out."""
        new = cast("Pieces[Key, Value]", Pieces())
        new.pieces = self.pieces[:]
        own: set[int] = set()

        def find_own_piece(key: Key) -> dict[Key, Value]:
            place = hash(key) % len(new.pieces)
            if place not in own:
                own.add(place)
                new.pieces[place] = new.pieces[place].copy()
            return new.pieces[place]

        new.size = self.size + sum(key not in self for key in fresh)
        for key in gone:
            del find_own_piece(key)[key]
            new.size -= 1
        for key, value in fresh.items():
            find_own_piece(key)[key] = value
        is_crowded = new.size > CROWDED * KEYS_A_PIECE * len(new.pieces)
        return Pieces(dict(new.items())) if is_crowded else new

    # --- Reading ----------------------------------------------------------------------------------

    def __getitem__(self, key: Key) -> Value:
        return self.pieces[hash(key) % len(self.pieces)][key]

    @overload
    def get(self, key: Key, /) -> Value | None: ...
    @overload
    def get(self, key: Key, /, default: Value | Other) -> Value | Other: ...
    def get(self, key: Key, /, default: Any = None) -> Any:
        return self.pieces[hash(key) % len(self.pieces)].get(key, default)

    def __contains__(self, key: object) -> bool:
        return key in self.pieces[hash(key) % len(self.pieces)]

    def __iter__(self) -> Iterator[Key]:
        return chain.from_iterable(self.pieces)

    def __len__(self) -> int:
        return self.size

    def items(self) -> ItemsView[Key, Value]:
        return Pairs(self)


class Pairs(ItemsView[Key, Value]):
    """The pairs of a mapping in pieces, without looking for each key."""

    def __init__(self, mapping: Pieces[Key, Value]) -> None:
        super().__init__(mapping)
        self.pieces = mapping.pieces

    def __iter__(self) -> Iterator[tuple[Key, Value]]:
        return chain.from_iterable(piece.items() for piece in self.pieces)
