package expression

import (
	"fmt"
	"strings"
	"unicode"
)

// expandBlocks writes the Unicode blocks of .NET, such as \p{IsGreek}, as ranges, because the engine does not know them.
func expandBlocks(source string) string {
	if !strings.Contains(source, "{Is") {
		return source
	}
	var b strings.Builder
	class := false
	for i := 0; i < len(source); i++ {
		c := source[i]
		if c == '\\' && i+1 < len(source) {
			text, length := expandBlock(source[i:], class)
			b.WriteString(text)
			i += length - 1
			continue
		}
		// A bracket inside a class has no meaning, except where it begins a subtraction: a class again.
		class = class && c != ']' || c == '['
		b.WriteByte(c)
	}
	return b.String()
}

// expandBlock returns what stands for the escape at the start of rest, and the length of the escape.
func expandBlock(rest string, class bool) (text string, length int) {
	name, ok := strings.CutPrefix(rest[2:], "{Is")
	name, _, closed := strings.Cut(name, "}")
	first, last, known := unicodeBlock(name)
	if !ok || !closed || !known || rest[1] != 'p' && rest[1] != 'P' {
		return rest[:2], 2
	}
	text = fmt.Sprintf(`\u%04X-\u%04X`, first, last)
	switch negated := rest[1] == 'P'; {
	case !class && negated:
		text = "[^" + text + "]"
	case !class:
		text = "[" + text + "]"
	case negated:
		// A class cannot stand in a class, so it is the ranges around the block.
		text = string(last+1) + "-" + string(unicode.MaxRune)
		if first > 0 {
			text += fmt.Sprintf(`\u0000-\u%04X`, first-1)
		}
	}
	return text, len(`\p{Is}`) + len(name)
}

// unicodeBlock returns the first and last character of a Unicode block by the name .NET gives it, without "Is".
func unicodeBlock(name string) (first, last rune, known bool) {
	switch name {
	case "BasicLatin":
		return 0x0000, 0x007F, true
	case "Latin-1Supplement":
		return 0x0080, 0x00FF, true
	case "LatinExtended-A":
		return 0x0100, 0x017F, true
	case "LatinExtended-B":
		return 0x0180, 0x024F, true
	case "IPAExtensions":
		return 0x0250, 0x02AF, true
	case "SpacingModifierLetters":
		return 0x02B0, 0x02FF, true
	case "CombiningDiacriticalMarks":
		return 0x0300, 0x036F, true
	case "Greek", "GreekandCoptic":
		return 0x0370, 0x03FF, true
	case "Cyrillic":
		return 0x0400, 0x04FF, true
	case "CyrillicSupplement":
		return 0x0500, 0x052F, true
	case "Armenian":
		return 0x0530, 0x058F, true
	case "Hebrew":
		return 0x0590, 0x05FF, true
	case "Arabic":
		return 0x0600, 0x06FF, true
	case "Syriac":
		return 0x0700, 0x074F, true
	case "Thaana":
		return 0x0780, 0x07BF, true
	case "Devanagari":
		return 0x0900, 0x097F, true
	case "Bengali":
		return 0x0980, 0x09FF, true
	case "Gurmukhi":
		return 0x0A00, 0x0A7F, true
	case "Gujarati":
		return 0x0A80, 0x0AFF, true
	case "Oriya":
		return 0x0B00, 0x0B7F, true
	case "Tamil":
		return 0x0B80, 0x0BFF, true
	case "Telugu":
		return 0x0C00, 0x0C7F, true
	case "Kannada":
		return 0x0C80, 0x0CFF, true
	case "Malayalam":
		return 0x0D00, 0x0D7F, true
	case "Sinhala":
		return 0x0D80, 0x0DFF, true
	case "Thai":
		return 0x0E00, 0x0E7F, true
	case "Lao":
		return 0x0E80, 0x0EFF, true
	case "Tibetan":
		return 0x0F00, 0x0FFF, true
	case "Myanmar":
		return 0x1000, 0x109F, true
	case "Georgian":
		return 0x10A0, 0x10FF, true
	case "HangulJamo":
		return 0x1100, 0x11FF, true
	case "Ethiopic":
		return 0x1200, 0x137F, true
	case "Cherokee":
		return 0x13A0, 0x13FF, true
	case "UnifiedCanadianAboriginalSyllabics":
		return 0x1400, 0x167F, true
	case "Ogham":
		return 0x1680, 0x169F, true
	case "Runic":
		return 0x16A0, 0x16FF, true
	case "Tagalog":
		return 0x1700, 0x171F, true
	case "Hanunoo":
		return 0x1720, 0x173F, true
	case "Buhid":
		return 0x1740, 0x175F, true
	case "Tagbanwa":
		return 0x1760, 0x177F, true
	case "Khmer":
		return 0x1780, 0x17FF, true
	case "Mongolian":
		return 0x1800, 0x18AF, true
	case "Limbu":
		return 0x1900, 0x194F, true
	case "TaiLe":
		return 0x1950, 0x197F, true
	case "KhmerSymbols":
		return 0x19E0, 0x19FF, true
	case "PhoneticExtensions":
		return 0x1D00, 0x1D7F, true
	case "LatinExtendedAdditional":
		return 0x1E00, 0x1EFF, true
	case "GreekExtended":
		return 0x1F00, 0x1FFF, true
	case "GeneralPunctuation":
		return 0x2000, 0x206F, true
	case "SuperscriptsandSubscripts":
		return 0x2070, 0x209F, true
	case "CurrencySymbols":
		return 0x20A0, 0x20CF, true
	case "CombiningDiacriticalMarksforSymbols", "CombiningMarksforSymbols":
		return 0x20D0, 0x20FF, true
	case "LetterlikeSymbols":
		return 0x2100, 0x214F, true
	case "NumberForms":
		return 0x2150, 0x218F, true
	case "Arrows":
		return 0x2190, 0x21FF, true
	case "MathematicalOperators":
		return 0x2200, 0x22FF, true
	case "MiscellaneousTechnical":
		return 0x2300, 0x23FF, true
	case "ControlPictures":
		return 0x2400, 0x243F, true
	case "OpticalCharacterRecognition":
		return 0x2440, 0x245F, true
	case "EnclosedAlphanumerics":
		return 0x2460, 0x24FF, true
	case "BoxDrawing":
		return 0x2500, 0x257F, true
	case "BlockElements":
		return 0x2580, 0x259F, true
	case "GeometricShapes":
		return 0x25A0, 0x25FF, true
	case "MiscellaneousSymbols":
		return 0x2600, 0x26FF, true
	case "Dingbats":
		return 0x2700, 0x27BF, true
	case "MiscellaneousMathematicalSymbols-A":
		return 0x27C0, 0x27EF, true
	case "SupplementalArrows-A":
		return 0x27F0, 0x27FF, true
	case "BraillePatterns":
		return 0x2800, 0x28FF, true
	case "SupplementalArrows-B":
		return 0x2900, 0x297F, true
	case "MiscellaneousMathematicalSymbols-B":
		return 0x2980, 0x29FF, true
	case "SupplementalMathematicalOperators":
		return 0x2A00, 0x2AFF, true
	case "MiscellaneousSymbolsandArrows":
		return 0x2B00, 0x2BFF, true
	case "CJKRadicalsSupplement":
		return 0x2E80, 0x2EFF, true
	case "KangxiRadicals":
		return 0x2F00, 0x2FDF, true
	case "IdeographicDescriptionCharacters":
		return 0x2FF0, 0x2FFF, true
	case "CJKSymbolsandPunctuation":
		return 0x3000, 0x303F, true
	case "Hiragana":
		return 0x3040, 0x309F, true
	case "Katakana":
		return 0x30A0, 0x30FF, true
	case "Bopomofo":
		return 0x3100, 0x312F, true
	case "HangulCompatibilityJamo":
		return 0x3130, 0x318F, true
	case "Kanbun":
		return 0x3190, 0x319F, true
	case "BopomofoExtended":
		return 0x31A0, 0x31BF, true
	case "KatakanaPhoneticExtensions":
		return 0x31F0, 0x31FF, true
	case "EnclosedCJKLettersandMonths":
		return 0x3200, 0x32FF, true
	case "CJKCompatibility":
		return 0x3300, 0x33FF, true
	case "CJKUnifiedIdeographsExtensionA":
		return 0x3400, 0x4DBF, true
	case "YijingHexagramSymbols":
		return 0x4DC0, 0x4DFF, true
	case "CJKUnifiedIdeographs":
		return 0x4E00, 0x9FFF, true
	case "YiSyllables":
		return 0xA000, 0xA48F, true
	case "YiRadicals":
		return 0xA490, 0xA4CF, true
	case "HangulSyllables":
		return 0xAC00, 0xD7AF, true
	case "PrivateUse", "PrivateUseArea":
		return 0xE000, 0xF8FF, true
	case "CJKCompatibilityIdeographs":
		return 0xF900, 0xFAFF, true
	case "AlphabeticPresentationForms":
		return 0xFB00, 0xFB4F, true
	case "ArabicPresentationForms-A":
		return 0xFB50, 0xFDFF, true
	case "VariationSelectors":
		return 0xFE00, 0xFE0F, true
	case "CombiningHalfMarks":
		return 0xFE20, 0xFE2F, true
	case "CJKCompatibilityForms":
		return 0xFE30, 0xFE4F, true
	case "SmallFormVariants":
		return 0xFE50, 0xFE6F, true
	case "ArabicPresentationForms-B":
		return 0xFE70, 0xFEFF, true
	case "HalfwidthandFullwidthForms":
		return 0xFF00, 0xFFEF, true
	case "Specials":
		return 0xFFF0, 0xFFFF, true
	default:
		return 0, 0, false
	}
}
