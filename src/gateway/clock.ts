/** Milliseconds since 1970. Tests pass one they can turn. */
export type Clock = () => number;

export const systemClock: Clock = () => Date.now();
