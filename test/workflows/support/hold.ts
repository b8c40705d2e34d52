/** Holds one call of an activity, the first unless `call` says another, until it is let go. For a script's `fail`. */
export function hold({ activity, call = 1 }: { activity: string; call?: number }) {
  let letGo: () => void = () => undefined;
  let arrive: () => void = () => undefined;
  const reached = new Promise<void>((resolve) => (arrive = resolve));
  const held = new Promise<null>((resolve) => (letGo = () => resolve(null)));
  let calls = 0;
  const fail = (name: string): Promise<null> | null => {
    if (name !== activity || (calls += 1) !== call) return null;
    arrive();
    return held;
  };
  return { fail, reached, letGo: () => letGo() };
}
