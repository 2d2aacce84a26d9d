/** Passwords that are tried first, in lower case. The shorter ones matter where PASSWORD_MIN_LENGTH is lowered. */
export const commonPasswords: ReadonlySet<string> = new Set(
  `
  123456 1234567 12345678 123456789 1234567890 12345678910 0123456789 0987654321 987654321 87654321
  111111 11111111 1111111111 000000 00000000 0000000000 22222222 55555555 66666666 77777777 88888888 99999999
  121212 12121212 123123 123123123 12341234 123321 112233 11223344 1122334455 147258369 159753 741852963 789456123
  abc123 abcd1234 abc12345 abcdefgh abcdefghi 123abc 1234abcd a1234567 a12345678 aa123456 aaaaaaaa a1b2c3d4 1a2b3c4d
  1q2w3e4r 1q2w3e4r5t 1qaz2wsx 1qazxsw2 q1w2e3r4 q1w2e3r4t5 zaq12wsx zaq1xsw2 qazwsxedc qwe123 qweasd qweasdzxc
  qwerty qwerty1 qwerty12 qwerty123 qwerty1234 qwerty12345 qwertyui qwertyuiop asdfgh asdfghjk asdfghjkl zxcvbnm zxcvbnm123
  password password1 password12 password123 password1234 password! passw0rd p@ssw0rd p@ssword passwort motdepasse contrasena
  admin administrator admin123 admin1234 adminadmin root rootroot toor guest welcome welcome1 welcome123 letmein letmein1
  changeme changeme1 changeme123 default secret secret123 master master123 login access trustno1 test test1234 testtest
  iloveyou iloveyou1 iloveyou2 sunshine princess football football1 baseball basketball superman batman spiderman
  starwars pokemon pikachu dragon monkey shadow michael michelle jennifer jordan23 charlie charlie1 daniel jessica
  computer internet samsung google whatever freedom midnight mercedes corvette liverpool chelsea arsenal barcelona
  messenger messenger1 telegram whatsapp facebook linkedin
  йцукен йцукенг йцукенгш йцукен123 пароль пароль123 привет любовь наташа марина
  gfhjkm gfhjkm123 ghbdtn ghbdtn123 yfnfif vfhbyf qwaszx
  `
    .trim()
    .split(/\s+/),
);
