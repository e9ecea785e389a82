/** Rounds of a scenario: with FAULTS=all the larger number. */
export const rounds = (quick: number, all: number): number => (process.env.FAULTS === 'all' ? all : quick);
