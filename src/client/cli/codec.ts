import { once } from 'node:events';
import type { Command } from 'commander';
import { createCodecServer } from '../../adapters/payload-codec/codec-server.js';
import { EncryptingCodec } from '../../adapters/payload-codec/encrypting-codec.js';
import { rememberedPorts } from '../start/ports.js';
import { CannotRun, verb, type CommandContext } from './command-context.js';
import { wholeNumberBetween } from './number-option.js';

interface ServeOptions {
  port: number;
  host: string;
  origin?: string;
}

/** `codec serve`: lets Temporal's UI and command line show payloads that are encrypted. */
export function addCodec(program: Command, context: CommandContext): void {
  const codec = program.command('codec').description('show encrypted payloads to those who may see them');
  verb<ServeOptions>({
    command: codec
      .command('serve')
      .description("answer Temporal's UI and command line, to whoever has UNDERSTUDY_CODEC_TOKEN")
      .option('--port <port>', 'where to listen; 0 takes a free one', wholeNumberBetween(0, 65_535), 8234)
      .option('--host <address>', 'on which address', '127.0.0.1')
      .option(
        '--origin <origin>',
        'of the UI, the only one that may ask from a browser (default: the UI of npm start)',
      ),
    context,
    run: async ({ options: { port, host, origin } }) => {
      const settings = context.settings();
      const { payloadKeys } = settings.temporal;
      if (payloadKeys.length === 0)
        throw new CannotRun('UNDERSTUDY_PAYLOAD_KEYS: is not set; expected the keys that the workers have');
      if (settings.codecToken === null)
        throw new CannotRun(
          'UNDERSTUDY_CODEC_TOKEN: is not set; expected 16 random characters or more, which readers give',
        );
      const ports = await rememberedPorts({ home: settings.home });
      const ui = origin ?? `http://127.0.0.1:${ports.temporalUi}`;
      const server = createCodecServer({
        codec: new EncryptingCodec({ keys: payloadKeys }),
        token: settings.codecToken.reveal(),
        origin: ui,
      });
      const address = await server.listen({ host, port });
      context.say(`codec server on ${address}, for ${ui}; open it once in the UI's browser and give the token`);
      await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
      await server.close();
      return { code: 0, data: { address, origin: ui }, text: '' };
    },
  });
}
