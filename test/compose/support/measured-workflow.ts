import { proxyActivities } from '@temporalio/workflow';

const { answer } = proxyActivities<{ answer: (well: boolean) => Promise<string> }>({
  startToCloseTimeout: '10 seconds',
});

export const measured = (well: boolean): Promise<string> => answer(well);
