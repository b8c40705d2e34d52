export const languages = ['en', 'de', 'fr', 'es', 'pt', 'sv'] as const;
export type Language = (typeof languages)[number];
export const domains = ['electronics', 'fashion', 'home'] as const;
export type Domain = (typeof domains)[number];

/** Something that buyers judge: how a summary names it, and how reviews say it, for and against. */
export interface Aspect {
  name: string;
  pro: string;
  con: string;
  /** By language: praise, then blame. */
  said: Record<Language, readonly [string, string]>;
}

const delivery: Aspect = {
  name: 'delivery',
  pro: 'fast delivery',
  con: 'slow delivery',
  said: {
    en: ['It was at my door after two days.', 'I waited three weeks for the parcel.'],
    de: ['Nach zwei Tagen stand es vor der Tür.', 'Ich habe drei Wochen auf das Paket gewartet.'],
    fr: ['Le colis est arrivé au bout de deux jours.', "J'ai attendu le colis pendant trois semaines."],
    es: ['El paquete llegó a los dos días.', 'Esperé el paquete durante tres semanas.'],
    pt: ['A encomenda chegou ao fim de dois dias.', 'Esperei três semanas pela encomenda.'],
    sv: ['Paketet kom redan efter två dagar.', 'Jag fick vänta tre veckor på paketet.'],
  },
};

const price: Aspect = {
  name: 'price',
  pro: 'fair price',
  con: 'high price',
  said: {
    en: ['For this money you get nothing better.', 'It is far too expensive for what it does.'],
    de: ['Für das Geld bekommt man nichts Besseres.', 'Für das, was es kann, ist es viel zu teuer.'],
    fr: ['À ce prix on ne trouve pas mieux.', "C'est beaucoup trop cher pour ce que c'est."],
    es: ['Por este precio no hay nada mejor.', 'Es demasiado caro para lo que ofrece.'],
    pt: ['Por este preço não há nada melhor.', 'É demasiado caro para aquilo que oferece.'],
    sv: ['För det priset får man inget bättre.', 'Den är alldeles för dyr för vad den kan.'],
  },
};

const own: Record<Domain, readonly Aspect[]> = {
  electronics: [
    {
      name: 'battery',
      pro: 'long battery life',
      con: 'short battery life',
      said: {
        en: ['The battery lasts the whole weekend.', 'The battery is empty by noon.'],
        de: ['Der Akku hält das ganze Wochenende.', 'Der Akku ist schon mittags leer.'],
        fr: ['La batterie tient tout le week-end.', 'La batterie est vide dès midi.'],
        es: ['La batería dura todo el fin de semana.', 'La batería se agota antes del mediodía.'],
        pt: ['A bateria dura o fim de semana inteiro.', 'A bateria fica vazia antes do meio-dia.'],
        sv: ['Batteriet räcker hela helgen utan laddning.', 'Batteriet är tomt redan till lunch.'],
      },
    },
    {
      name: 'setup',
      pro: 'simple setup',
      con: 'difficult setup',
      said: {
        en: ['Setting it up took me one minute.', 'I gave up on the setup after an hour.'],
        de: ['Die Einrichtung war in einer Minute fertig.', 'Nach einer Stunde gab ich die Einrichtung auf.'],
        fr: ["L'installation m'a pris une minute.", "Après une heure j'ai renoncé à l'installation."],
        es: ['La configuración me llevó un minuto.', 'Tras una hora abandoné la configuración.'],
        pt: ['A configuração levou apenas um minuto.', 'Desisti da configuração depois de uma hora.'],
        sv: ['Det tog bara en minut att komma igång.', 'Efter en timme gav jag upp installationen.'],
      },
    },
    {
      name: 'build',
      pro: 'solid build',
      con: 'fragile build',
      said: {
        en: ['It fell twice and has not a scratch.', 'The case cracked in the first week.'],
        de: ['Es fiel zweimal herunter und hat keinen Kratzer.', 'Das Gehäuse brach in der ersten Woche.'],
        fr: ['Il est tombé deux fois sans une rayure.', 'Le boîtier a cassé dès la première semaine.'],
        es: ['Se cayó dos veces y no tiene ni un rasguño.', 'La carcasa se rompió la primera semana.'],
        pt: ['Caiu duas vezes e não tem um risco.', 'A caixa partiu-se logo na primeira semana.'],
        sv: ['Den har ramlat två gånger utan en repa.', 'Skalet sprack redan första veckan.'],
      },
    },
  ],
  fashion: [
    {
      name: 'fit',
      pro: 'true to size',
      con: 'runs small',
      said: {
        en: ['My usual size sits perfectly.', 'I had to order two sizes larger.'],
        de: ['Meine übliche Größe sitzt perfekt.', 'Ich musste zwei Größen größer bestellen.'],
        fr: ['Ma taille habituelle me va parfaitement.', "J'ai dû commander deux tailles au-dessus."],
        es: ['Mi talla habitual me queda perfecta.', 'Tuve que pedir dos tallas más grandes.'],
        pt: ['O meu tamanho habitual assenta na perfeição.', 'Tive de encomendar dois tamanhos acima.'],
        sv: ['Min vanliga storlek sitter perfekt.', 'Jag fick beställa två storlekar större.'],
      },
    },
    {
      name: 'fabric',
      pro: 'soft fabric',
      con: 'scratchy fabric',
      said: {
        en: ['The fabric feels soft on the skin.', 'The fabric itches all day long.'],
        de: ['Der Stoff fühlt sich weich auf der Haut an.', 'Der Stoff kratzt den ganzen Tag.'],
        fr: ['Le tissu est très doux sur la peau.', 'Le tissu gratte toute la journée.'],
        es: ['La tela es muy suave para la piel.', 'La tela pica durante todo el día.'],
        pt: ['O tecido é macio e agradável na pele.', 'O tecido pica durante o dia todo.'],
        sv: ['Tyget känns mjukt mot huden.', 'Tyget kliar hela dagen lång.'],
      },
    },
    {
      name: 'colour',
      pro: 'lasting colour',
      con: 'fading colour',
      said: {
        en: ['After ten washes the colour is like new.', 'The colour was gone after one wash.'],
        de: ['Nach zehn Wäschen ist die Farbe wie neu.', 'Nach einer Wäsche war die Farbe weg.'],
        fr: ['Après dix lavages la couleur est comme neuve.', 'La couleur est partie au premier lavage.'],
        es: ['Tras diez lavados el color sigue como nuevo.', 'El color desapareció tras un solo lavado.'],
        pt: ['Depois de dez lavagens a cor parece nova.', 'A cor desapareceu logo na primeira lavagem.'],
        sv: ['Efter tio tvättar är färgen som ny.', 'Färgen försvann efter en enda tvätt.'],
      },
    },
  ],
  home: [
    {
      name: 'cleaning',
      pro: 'easy to clean',
      con: 'hard to clean',
      said: {
        en: ['One wipe and everything is clean again.', 'The dirt never comes out of the corners.'],
        de: ['Einmal wischen und alles ist wieder sauber.', 'Der Schmutz geht nie aus den Ecken.'],
        fr: ["Un coup d'éponge et tout est propre.", 'La saleté ne part jamais des coins.'],
        es: ['Se pasa un paño y todo queda limpio.', 'La suciedad no sale nunca de los rincones.'],
        pt: ['Basta um pano e fica tudo limpo.', 'A sujidade nunca sai dos cantos.'],
        sv: ['En avtorkning och allt är rent igen.', 'Smutsen går aldrig bort ur hörnen.'],
      },
    },
    {
      name: 'stability',
      pro: 'stands firmly',
      con: 'wobbles',
      said: {
        en: ['It stands as firm as a rock.', 'It wobbles whenever I touch it.'],
        de: ['Es steht fest wie ein Fels.', 'Es wackelt bei jeder Berührung.'],
        fr: ['Il est stable comme un rocher.', 'Il bouge dès que je le touche.'],
        es: ['Se mantiene firme como una roca.', 'Se tambalea cada vez que lo toco.'],
        pt: ['Fica firme como uma rocha no chão.', 'Abana sempre que lhe toco.'],
        sv: ['Den står stadigt som en klippa.', 'Den vinglar så fort jag rör den.'],
      },
    },
    {
      name: 'smell',
      pro: 'no smell',
      con: 'chemical smell',
      said: {
        en: ['It had no smell at all from the start.', 'It smells of chemicals after a month.'],
        de: ['Es roch von Anfang an nach gar nichts.', 'Es riecht nach einem Monat noch nach Chemie.'],
        fr: ["Il n'y avait aucune odeur dès le début.", 'Après un mois il sent encore le produit chimique.'],
        es: ['Desde el principio no tuvo ningún olor.', 'Tras un mes todavía huele a producto químico.'],
        pt: ['Desde o início não teve cheiro nenhum.', 'Depois de um mês ainda cheira a químicos.'],
        sv: ['Den luktade ingenting alls från början.', 'Efter en månad luktar den fortfarande kemikalier.'],
      },
    },
  ],
};

export const aspectsOf = (domain: Domain): readonly Aspect[] => [...own[domain], delivery, price];

/** Products of a domain, as their ids begin. */
export const productKinds: Record<Domain, readonly string[]> = {
  electronics: ['speaker', 'headphones', 'reader', 'charger', 'camera', 'watch', 'lamp'],
  fashion: ['raincoat', 'jeans', 'sweater', 'scarf', 'dress', 'shirt', 'jacket'],
  home: ['shelf', 'kettle', 'table', 'mirror', 'basket', 'stool', 'cabinet'],
};
