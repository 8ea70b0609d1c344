#!/usr/bin/env python3
"""A file in the shape of base_teste.txt, of any size, the same for the same seed.

    make_base.py ROWS [--seed N] [--dirt N] > base_teste.txt

Its proportions are those of the base that is known (49,998 rows): 14.8 % of the rows have nothing but
their CPF and two marks, two shops, amounts up to 26,298.69; of 50,000 CPFs three stand without a mask, five
have lost their mask and a zero at the left, and one is a CNPJ. --dirt N: besides, every Nth row has a fault
that the base has not: a wrong check digit, a day that does not exist, a line cut short, a shop's CNPJ that
is none.
"""
import argparse
import random
import sys

HEADER = (
    "CPF                PRIVATE     INCOMPLETO  DATA DA ÚLTIMA COMPRA TICKET MÉDIO          "
    "TICKET DA ÚLTIMA COMPRA LOJA MAIS FREQUÊNTE LOJA DA ÚLTIMA COMPRA\n"
)
OF_THE_BASE = 49_998
UNMASKED, ZERO_LOST, CNPJS = 3, 5, 1  # of so many rows
EMPTY, PRIVATE, INCOMPLETE_EMPTY, INCOMPLETE_FULL = 0.1484, 0.1766, 0.188, 0.0003


def check_digit(digits, weights):
    rest = sum(d * w for d, w in zip(digits, weights)) % 11
    return 0 if rest < 2 else 11 - rest


def cpf_of(number):
    digits = [int(c) for c in f"{number:09d}"]
    digits.append(check_digit(digits, range(10, 1, -1)))
    digits.append(check_digit(digits, range(11, 1, -1)))
    return "".join(map(str, digits))


def cnpj_of(root, order):
    digits = [int(c) for c in f"{root:08d}{order:04d}"]
    weights = [6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]
    digits.append(check_digit(digits, weights[1:]))
    digits.append(check_digit(digits, weights))
    t = "".join(map(str, digits))
    return f"{t[:2]}.{t[2:5]}.{t[5:8]}/{t[8:12]}-{t[12:]}"


def masked(cpf):
    return f"{cpf[:3]}.{cpf[3:6]}.{cpf[6:9]}-{cpf[9:]}"


SHOPS = [cnpj_of(11_222_333, 1), cnpj_of(11_222_333, 8)]


class Base:
    def __init__(self, rows, seed, dirt):
        self.rows = rows
        self.random = random.Random(seed)
        self.dirt = dirt
        # Every number once: a step that shares no factor with the number of CPFs.
        self.first = self.random.randrange(10**9)
        self.odd_rows = self.choose_odd_rows()

    def choose_odd_rows(self):
        """Rows whose CPF is not written as one: number -> how."""
        kinds = {}
        for kind, share in (("unmasked", UNMASKED), ("zero", ZERO_LOST), ("cnpj", CNPJS)):
            count = max(1, round(self.rows * share / OF_THE_BASE)) if self.rows >= 10 else 0
            for _ in range(count):
                kinds[self.random.randrange(self.rows)] = kind
        return kinds

    def cpf(self, row):
        number = (self.first + row * 387_420_489) % 10**9
        kind = self.odd_rows.get(row)
        if kind == "cnpj":
            return cnpj_of(number % 10**8, 1)
        if kind == "zero":
            return cpf_of(number % 10**8).lstrip("0")
        text = cpf_of(number)
        return text if kind == "unmasked" else masked(text)

    def money(self):
        return f"{min(self.random.lognormvariate(4.6, 1.1), 26_298.69):.2f}".replace(".", ",")

    def line(self, row):
        draw = self.random.random
        cpf = self.cpf(row)
        private = int(draw() < PRIVATE)
        if draw() < EMPTY:
            incomplete = int(draw() < INCOMPLETE_EMPTY)
            fields = ["NULL", "NULL", "NULL", "NULL", "NULL"]
        else:
            incomplete = int(draw() < INCOMPLETE_FULL)
            day = f"{self.random.randint(2010, 2013)}-{self.random.randint(1, 12):02d}-{self.random.randint(1, 28):02d}"
            fields = [day, self.money(), self.money(), SHOPS[draw() < 0.1], SHOPS[draw() < 0.1]]
        if self.dirt and row % self.dirt == self.dirt - 1:
            return self.spoiled(row, cpf, private, incomplete, fields)
        return self.written(cpf, private, incomplete, fields)

    @staticmethod
    def written(cpf, private, incomplete, fields):
        day, average, last, often, lately = fields
        return f"{cpf:<19}{private:<12}{incomplete:<12}{day:<22}{average:<22}{last:<24}{often:<20}{lately}\n"

    def spoiled(self, row, cpf, private, incomplete, fields):
        kind = row // self.dirt % 4
        if kind == 0:
            cpf = cpf[:-1] + str((int(cpf[-1]) + 1) % 10)
        elif kind == 1:
            fields = ["2013-02-30", *fields[1:]]
        elif kind == 2:
            return cpf + "\n"
        else:
            fields = [*fields[:3], SHOPS[0][:-1] + "9", fields[4]]
        return self.written(cpf, private, incomplete, fields)


def main():
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("rows", type=int)
    words.add_argument("--seed", type=int, default=1)
    words.add_argument("--dirt", type=int, default=0, metavar="N")
    asked = words.parse_args()
    base = Base(asked.rows, asked.seed, asked.dirt)
    out = open(sys.stdout.fileno(), "w", encoding="utf-8", newline="", buffering=1 << 20, closefd=False)
    out.write(HEADER)
    for row in range(asked.rows):
        out.write(base.line(row))
    out.flush()


if __name__ == "__main__":
    main()
