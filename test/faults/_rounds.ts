/** How often a scenario is tried: FAULTS=all by hand, the smaller number else. */
export const rounds = (quick: number, all: number): number => (process.env.FAULTS === 'all' ? all : quick);
