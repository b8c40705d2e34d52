import { openKubernetesServing } from '../../adapters/kubernetes/open-serving.js';
import { openStore } from '../../adapters/open-store.js';
import type { Settings } from '../../config/settings.js';
import { loadPlatform } from '../../config/worker-settings.js';
import { look, type Check } from './doctor-checks.js';

/** What the profile `aws` has outside: the platform file, and the objects of its pools as they were applied. */
export async function platformChecks({
  platformFile,
  profile,
  store: location,
  endpoint,
}: Pick<Settings, 'platformFile' | 'profile' | 'store' | 'endpoint'>): Promise<Check[]> {
  if (profile !== 'aws') return [];
  const file = await look('platform file', 'Name it in UNDERSTUDY_PLATFORM and mend what is said (docs/aws.md).', () =>
    platformFile === null
      ? Promise.reject(new Error('UNDERSTUDY_PLATFORM names none'))
      : Promise.resolve(loadPlatform(platformFile)).then(() => platformFile),
  );
  if (file.state !== 'ok') return [file];
  const pools = await look(
    'pools',
    'Undo what was changed by hand; the next release on a pool applies its objects again.',
    async () => {
      const { serving } = openKubernetesServing({
        serving: loadPlatform(platformFile!).serving,
        store: openStore({ location }),
        apiKey: endpoint.apiKey?.reveal() ?? null,
      });
      const drifted = await serving.drift();
      if (drifted.length > 0) throw new Error(drifted.join('; '));
      return 'as they were applied';
    },
    'warning',
  );
  return [file, pools];
}
