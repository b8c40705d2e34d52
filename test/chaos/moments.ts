/** Where something happens to a release: while a call of this activity is held. `call` counts those of one release. */
export interface Moment {
  stage: string;
  activity: string;
  call?: number;
  /** Its rollout has not begun. */
  early?: true;
  /** Its bake is over, so that it stays whatever happens. */
  late?: true;
}

export const moments: Moment[] = [
  { stage: 'opening', activity: 'openRelease', early: true },
  { stage: 'data', activity: 'prepareDataset', early: true },
  { stage: 'training', activity: 'startTraining', early: true },
  { stage: 'training', activity: 'watchTraining', early: true },
  { stage: 'training', activity: 'collectTraining', early: true },
  { stage: 'evaluation', activity: 'deployRelease', early: true },
  { stage: 'evaluation', activity: 'generateAnswers', early: true },
  { stage: 'evaluation', activity: 'decideEvaluation', early: true },
  { stage: 'evaluation', activity: 'registerVersion', early: true },
  { stage: 'deploy', activity: 'deployRelease', call: 2 },
  { stage: 'smoke', activity: 'smokeTest' },
  { stage: 'load', activity: 'runLoadTest' },
  { stage: 'shadow', activity: 'writePlan' },
  { stage: 'shadow', activity: 'watchShadow' },
  { stage: 'approval', activity: 'sendNotification' },
  { stage: 'canary', activity: 'writePlan', call: 3 },
  { stage: 'canary', activity: 'assessStep' },
  { stage: 'promote', activity: 'moveAliases' },
  { stage: 'promote', activity: 'writePlan', call: 4 },
  { stage: 'bake', activity: 'assessBake' },
  { stage: 'retire', activity: 'retireRelease', late: true },
  { stage: 'recording', activity: 'closeRelease', late: true },
];
export const nameOf = ({ stage, activity, call }: Moment): string => `${activity}${call ? ` ${call}` : ''} in ${stage}`;

/** Holds one call of one activity of each model, and says when it was reached. */
export function createGates() {
  const gates = new Map<
    string,
    { moment: Moment; calls: number; reached: boolean; open: () => void; held: Promise<null> }
  >();
  const modelOf = (input: unknown): string => {
    const inner = (input as { input?: object }).input ?? (input as object);
    const { model, releaseId, jobName } = inner as Record<string, string | undefined>;
    return model ?? (releaseId ?? jobName ?? '').replace(/^train-/, '').replace(/-r\d+$/, '');
  };
  return {
    close: (model: string, moment: Moment): void => {
      let open: () => void = () => undefined;
      const held = new Promise<null>((resolve) => {
        open = () => resolve(null);
      });
      gates.set(model, { moment, calls: 0, reached: false, held, open: () => open() });
    },
    fail: (activity: string, input: unknown): Promise<null> | null => {
      const gate = gates.get(modelOf(input));
      if (gate?.moment.activity !== activity || (gate.calls += 1) !== (gate.moment.call ?? 1)) return null;
      gate.reached = true;
      return gate.held;
    },
    reached: (model: string): boolean => gates.get(model)!.reached,
    open: (model: string): void => gates.get(model)!.open(),
  };
}
