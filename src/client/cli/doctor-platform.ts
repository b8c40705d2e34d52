import { SageMakerClient } from '@aws-sdk/client-sagemaker';
import { openKubernetesServing } from '../../adapters/kubernetes/open-serving.js';
import { openStore } from '../../adapters/open-store.js';
import { Attempts } from '../../adapters/sagemaker/attempts.js';
import type { Platform } from '../../config/platform.js';
import type { Settings } from '../../config/settings.js';
import { loadPlatform } from '../../config/worker-settings.js';
import { stalePrices } from '../../domain/price-age.js';
import { look, type Check } from './doctor-checks.js';

/**
 * What the profile `aws` has outside: the platform file, the age of its prices, SageMaker, and the objects of its pools
 * as they were applied.
 */
export async function platformChecks({
  platformFile,
  profile,
  store,
  endpoint,
}: Pick<Settings, 'platformFile' | 'profile' | 'store' | 'endpoint'>): Promise<Check[]> {
  if (profile !== 'aws') return [];
  let platform: Platform | null = null;
  const file = await look(
    'platform file',
    'Name it in UNDERSTUDY_PLATFORM and mend what is said (docs/aws.md).',
    () => {
      if (platformFile === null) return Promise.reject(new Error('UNDERSTUDY_PLATFORM names none'));
      platform = loadPlatform(platformFile);
      return Promise.resolve(platformFile);
    },
  );
  if (platform === null) return [file];
  const { training, serving } = platform as Platform;
  const checks = [file, await pricesCheck(training), await sageMakerCheck()];
  if (Object.keys(serving.pools).length > 0) checks.push(await poolsCheck({ serving, store, endpoint }));
  return checks;
}

const pricesCheck = ({ pricesEnteredOn: enteredOn }: Platform['training']): Promise<Check> =>
  look(
    'prices',
    "Hold training.hourlyPrices against AWS's page (docs/cost.md), and write the day into training.pricesEnteredOn.",
    () => {
      const wrong = stalePrices({ enteredOn, now: new Date().toISOString() });
      return wrong === null ? Promise.resolve(`entered on ${enteredOn}`) : Promise.reject(new Error(wrong));
    },
    'warning',
  );

/** A look at a job that nobody ever starts takes credentials, region and the right to look, and changes nothing. */
const sageMakerCheck = (): Promise<Check> =>
  look('SageMaker', 'Mend credentials, AWS_REGION or the role (docs/aws-infrastructure.md#roles).', async () => {
    const client = new SageMakerClient({ maxAttempts: 1 });
    try {
      await new Attempts({ client, freshMilliseconds: 0, now: () => new Date() }).of({ jobName: 'understudy-doctor' });
      return `answers in ${await client.config.region()}`;
    } finally {
      client.destroy();
    }
  });

const poolsCheck = ({
  serving,
  store: location,
  endpoint,
}: Pick<Platform, 'serving'> & Pick<Settings, 'store' | 'endpoint'>): Promise<Check> =>
  look(
    'pools',
    'Undo what was changed by hand; the next release on a pool applies its objects again.',
    async () => {
      const opened = openKubernetesServing({
        serving,
        store: openStore({ location }),
        apiKey: endpoint.apiKey?.reveal() ?? null,
      });
      const drifted = await opened.serving.drift();
      if (drifted.length > 0) throw new Error(drifted.join('; '));
      return 'as they were applied';
    },
    'warning',
  );
