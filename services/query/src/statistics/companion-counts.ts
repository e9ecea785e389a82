/** How many of the rows that are added have each companion. */
export interface CompanionCounts {
  rows: number;
  /** In the order of the definition. */
  companions: number[];
}

export const noRows = (companions: number): CompanionCounts => ({
  rows: 0,
  companions: Array(companions).fill(0),
});

/** @param bits the companions that the row has: bit i for the i-th companion */
export function addRow(counts: CompanionCounts, bits: number): void {
  counts.rows++;
  for (let rest = bits, i = 0; rest !== 0; rest >>= 1, i++) {
    if (rest & 1) counts.companions[i] = (counts.companions[i] ?? 0) + 1;
  }
}
