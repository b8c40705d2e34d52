import {
  ActivityCancellationType,
  CancellationScope,
  condition,
  defineQuery,
  defineUpdate,
  patched,
  proxyActivities,
  setHandler,
  sleep,
} from '@temporalio/workflow';

export const isAsked = defineQuery<boolean>('isAsked');
export const decide = defineUpdate<string, [string]>('decide');

/** As a rollout does: it asks people once a step has ended, takes an answer only then, and shows whether it asks. */
export async function asking(): Promise<string> {
  const { step } = proxyActivities<{ step(): Promise<void> }>({ startToCloseTimeout: '10 minutes' });
  let asked = false;
  let answer = '';
  setHandler(isAsked, () => asked);
  setHandler(
    decide,
    (given) => {
      answer = given;
      return given;
    },
    {
      validator: (given) => {
        if (!asked) throw new Error(`nothing is asked that ${given} would answer`);
      },
    },
  );
  await step();
  asked = true;
  patched('since the question has a patch');
  await condition(() => answer !== '');
  return answer;
}

/** As one that has called something off without waiting for its end, which is nothing to it when it comes. */
export async function askingAside(): Promise<string> {
  const { aside } = proxyActivities<{ aside(): Promise<void> }>({
    startToCloseTimeout: '10 minutes',
    cancellationType: ActivityCancellationType.TRY_CANCEL,
  });
  const scope = new CancellationScope();
  scope.run(() => aside()).catch(() => undefined);
  void sleep(200).then(() => scope.cancel());
  return await asking();
}
