/** Dice that fall the same each time: a linear congruential generator. A throw is an integer from 0 up to `sides`, without it. */
export function createDice(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => (state = (state * 48_271) % 2_147_483_647) % sides;
}
