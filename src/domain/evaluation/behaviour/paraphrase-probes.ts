import { draw, inLanguageOf, type ByLanguage, type ProbeGenerator } from './probe-generator.js';

const perturbations = 3;

/** Frames that leave the meaning of whatever they hold as it is. */
const frames: ByLanguage<readonly string[]> = {
  en: [
    'Hello, I have a question. {}',
    '{} Thank you for your help.',
    'Could you please help me with this? {}',
    'I hope you can answer this: {}',
  ],
  de: [
    'Hallo, ich habe eine Frage. {}',
    '{} Vielen Dank für Ihre Hilfe.',
    'Können Sie mir bitte hierbei helfen? {}',
    'Ich hoffe, Sie können das beantworten: {}',
  ],
  fr: [
    'Bonjour, j’ai une question. {}',
    '{} Merci pour votre aide.',
    'Pouvez-vous m’aider, s’il vous plaît ? {}',
    'J’espère que vous pourrez répondre : {}',
  ],
  es: [
    'Hola, tengo una pregunta. {}',
    '{} Gracias por su ayuda.',
    '¿Me puede ayudar con esto, por favor? {}',
    'Espero que pueda responder a esto: {}',
  ],
  it: [
    'Buongiorno, ho una domanda. {}',
    '{} Grazie per il vostro aiuto.',
    'Potete aiutarmi, per favore? {}',
    'Spero che possiate rispondere: {}',
  ],
  nl: [
    'Hallo, ik heb een vraag. {}',
    '{} Bedankt voor uw hulp.',
    'Kunt u mij hierbij helpen, alstublieft? {}',
    'Ik hoop dat u dit kunt beantwoorden: {}',
  ],
};

/**
 * Three other wordings: first those that the case brings itself, which people or a model wrote; frames around the
 * question where these are too few. A frame is a weak paraphrase, since the question's own words stay.
 */
export const paraphraseProbes: ProbeGenerator = {
  kind: 'paraphrase',
  generate: ({ case: { input, tags, paraphrases = [] }, random }) => {
    const written = draw({ from: paraphrases, count: perturbations, random });
    const framed = draw({
      from: inLanguageOf({ texts: frames, tags }),
      count: perturbations - written.length,
      random,
    });
    return [
      ...written.map((text) => ({ style: 'written', input: text, marks: [] })),
      ...framed.map((frame) => ({ style: 'framed', input: frame.replace('{}', () => input), marks: [] })),
    ];
  },
};
