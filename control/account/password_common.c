/* SPDX-License-Identifier: Apache-2.0 */
#include "control/account/password_common.h"

#include <string.h>

#include "control/limits.h"

/* Words that people build passwords of, and what keyboards have in a row. Made by hand for this program. */
static const char *const words[] = {
    "abc",      "access",    "account",    "admin",    "administrator", "alexander",
    "andrea",   "angel",     "april",      "asdf",     "asdfgh",        "asdfghjkl",
    "august",   "autumn",    "azerty",     "baby",     "bailey",        "baseball",
    "batman",   "berlin",    "boss",       "buster",   "change",        "changeme",
    "charlie",  "chocolate", "company",    "computer", "cookie",        "daniel",
    "december", "default",   "desktop",    "dragon",   "england",       "family",
    "february", "flower",    "football",   "freedom",  "friday",        "friend",
    "germany",  "ginger",    "guest",      "hallo",    "hammer",        "hannah",
    "happy",    "hello",     "helpdesk",   "herbst",   "hockey",        "iloveyou",
    "internet", "january",   "jennifer",   "jessica",  "jordan",        "joshua",
    "july",     "june",      "killer",     "lastname", "letmein",       "linux",
    "login",    "london",    "love",       "magic",    "manager",       "march",
    "martin",   "master",    "matrix",     "michael",  "michelle",      "monday",
    "money",    "monkey",    "mother",     "mustang",  "nicole",        "november",
    "october",  "office",    "passwd",     "password", "passwort",      "pepper",
    "phoenix",  "princess",  "private",    "purple",   "qazwsx",        "qwer",
    "qwert",    "qwerty",    "qwertyuiop", "qwertz",   "qwertzuiop",    "remote",
    "robert",   "root",      "samantha",   "saturday", "schatz",        "secret",
    "security", "september", "server",     "service",  "shadow",        "silver",
    "soccer",   "sommer",    "spring",     "starwars", "summer",        "sunday",
    "sunshine", "super",     "superman",   "support",  "sysadmin",      "system",
    "test",     "testing",   "thomas",     "thursday", "tiger",         "trustno",
    "tuesday",  "ubuntu",    "user",       "welcome",  "wednesday",     "whatever",
    "william",  "windows",   "winter",     "wizard",   "yellow",        "your",
    "my",       "the",       "is",         "zaq",      "zxcv",          "zxcvbn",
    "zxcvbnm",
};

static char lower(char ch)
{
    return ch >= 'A' && ch <= 'Z' ? (char)(ch - 'A' + 'a') : ch;
}

/* What people write for a letter. */
static char plain(char ch)
{
    static const char signs[] = "0134579@$!+";
    static const char letters[] = "oieastgasit";
    const char *at = ch != '\0' ? strchr(signs, ch) : NULL;

    return at != NULL ? letters[at - signs] : lower(ch);
}

static size_t match(const char *text, size_t bytes, const char *word)
{
    const size_t n = strlen(word);

    if (n == 0 || n > bytes)
        return 0;
    for (size_t i = 0; i < n; i++)
        if (lower(text[i]) != lower(word[i]) && plain(text[i]) != lower(word[i]))
            return 0;
    return n;
}

static bool is_digit(char ch)
{
    return ch >= '0' && ch <= '9';
}

static bool is_sign(char ch)
{
    return ch > ' ' && ch < 127 && !is_digit(ch) && (lower(ch) < 'a' || lower(ch) > 'z');
}

/* The longest run from text on: digits, signs, one character, or neighbours of the alphabet. */
static size_t run_of(const char *text, size_t bytes)
{
    size_t digits = 0, signs = 0, same = 1, up = 1, down = 1;

    while (digits < bytes && is_digit(text[digits]))
        digits++;
    while (signs < bytes && is_sign(text[signs]))
        signs++;
    while (same < bytes && text[same] == text[0])
        same++;
    while (up < bytes && text[up] == text[up - 1] + 1)
        up++;
    while (down < bytes && text[down] == text[down - 1] - 1)
        down++;
    if (signs > digits)
        digits = signs;
    if (same > digits)
        digits = same;
    if (up > digits)
        digits = up;
    return down > digits ? down : digits;
}

static void reach(unsigned *pieces, size_t from, size_t to)
{
    if (pieces[from] + 1 < pieces[to])
        pieces[to] = pieces[from] + 1;
}

bool cw_password_is_common(const char *password, size_t bytes, const char *user)
{
    unsigned pieces[CW_PASSWORD_BYTES_MAX + 1]; /* the fewest that cover so many bytes */

    if (bytes > CW_PASSWORD_BYTES_MAX)
        return false;
    for (size_t i = 0; i <= bytes; i++)
        pieces[i] = (unsigned)i;
    for (size_t i = 0; i < bytes; i++) {
        const size_t run = run_of(password + i, bytes - i);
        for (size_t n = 1; n <= (run > 1 ? run : 1); n++)
            reach(pieces, i, i + n);
        for (size_t w = 0; w < sizeof words / sizeof words[0]; w++)
            reach(pieces, i, i + match(password + i, bytes - i, words[w]));
        reach(pieces, i, i + match(password + i, bytes - i, user));
    }
    return pieces[bytes] < CW_PASSWORD_PIECES_MIN;
}
