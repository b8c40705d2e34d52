import type { OpenEmbedder } from '../../activities/embedder-port.js';

/** Opens MiniLM of a folder when it is first asked for, once; null where no folder is named. */
export function openMiniLm({ folder }: { folder: string | null }): OpenEmbedder | null {
  if (folder === null) return null;
  let opened: ReturnType<OpenEmbedder> | null = null;
  return () => {
    opened ??= import('./minilm.js')
      .then(({ MiniLm }) => MiniLm.open({ folder }))
      .catch((error: unknown) => {
        opened = null;
        throw error;
      });
    return opened;
  };
}
