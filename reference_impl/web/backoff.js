const FIRST_MS = 250;
const LONGEST_MS = 10_000;

/** How long to wait before attempt n (from 0): anything up to a bound that doubles, so that a crowd comes back spread. */
export const backoff = (attempt, random = Math.random) => random() * Math.min(LONGEST_MS, FIRST_MS * 2 ** attempt);
