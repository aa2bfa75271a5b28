/** A rule of a cell. All rules of a cell use equal CPU. */
export interface Rule {
  readonly id: string;
  /** CPU of one burst of its work, in milliseconds. */
  readonly burstMillis: number;
}

const RULES_PER_BURST = 3;

/** Returns three rules for each burst length. */
export function rulesOf(burstsMillis: readonly number[]): Rule[] {
  return burstsMillis.flatMap((burstMillis) =>
    Array.from({ length: RULES_PER_BURST }, (_, index) => ({
      id: `${burstMillis} ms #${index + 1}`,
      burstMillis,
    })),
  );
}

/** Returns the burst length that the id of a rule contains. */
export function burstMillisOf(ruleId: string): number {
  return parseFloat(ruleId);
}
