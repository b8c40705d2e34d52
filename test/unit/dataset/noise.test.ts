import { expect } from 'chai';
import { noiseIn } from '../../../src/domain/dataset/noise.js';

const reasonOf = (text: string): string | null => noiseIn({ text, minimumWords: 5 })?.reason ?? null;

describe('noiseIn', () => {
  it('counts words, and placeholders are none', () => {
    expect(noiseIn({ text: 'Great style!', minimumWords: 5 })).to.deep.equal({
      reason: 'tooShort',
      detail: '2 words < 5',
    });
    expect(reasonOf('call [PHONE_1] or [EMAIL_1] or [EMAIL_2]')).to.equal('tooShort');
    expect(reasonOf('five words are enough here')).to.equal(null);
  });

  it('counts letters where a script puts no blanks between words, and lets them come again', () => {
    expect(reasonOf('荷物がまだ届いていません。')).to.equal(null);
    expect(
      reasonOf('荷物がまだ届いていません。追跡番号を確認しましたが、昨日から動いていないようです。'.repeat(2)),
    ).to.equal(null);
    expect(reasonOf('今すぐ購入 '.repeat(50))).to.equal('repeatedCharacters');
    expect(reasonOf('はい。')).to.equal('tooShort');
  });

  it('finds characters and words over and over', () => {
    expect(reasonOf('this is goooooooooooooooood and fine')).to.equal('repeatedCharacters');
    expect(reasonOf('yes !!!!!!!!!! no ?????????? so ********** ha ha ha')).to.equal('repeatedCharacters');
    expect(reasonOf('good good good good good good good good good very')).to.equal('repeatedCharacters');
    expect(reasonOf('I am soooooo happy with these shoes!!!!')).to.equal(null);
  });

  it('finds advertising by three signs, and lets one or two pass', () => {
    expect(reasonOf('EARN $5000 FROM HOME!!!! Click here or WhatsApp me, bitcoin doubles in a day')).to.equal('spam');
    expect(reasonOf('Klicken Sie hier, verdienen Sie 5000 € zu Hause mit Bitcoin und [PHONE_1]')).to.equal('spam');
    expect(reasonOf('Please call me at [PHONE_1], I am waiting since Monday!!!!')).to.equal(null);
    expect(reasonOf('Visit our shop page says it costs 20 more than here')).to.equal(null);
  });
});
