package geo

import "testing"

// What a spreadsheet would compute is made a text and comes back; numbers, names and signs
// alone stay as they are.
func TestInert(t *testing.T) {
	for text, want := range map[string]string{
		"=1+1": "'=1+1", "@x": "'@x", "+x": "'+x", "-x": "'-x", "\t=1": "'\t=1", "＝1": "'＝1", "'=1": "''=1", "''-a1": "'''-a1", "-1+2": "'-1+2",
		"-5": "-5", "+44": "+44", "-1.5e-7": "'-1.5e-7", "-1.5e7": "-1.5e7", "-": "-", "=": "=", "": "", "'": "'", "'x": "'x", "a=b": "a=b", "O'Neill": "O'Neill", "'s-Gravenhage": "'s-Gravenhage", "'-5": "'-5",
	} {
		if got := Inert(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
		if got := FromInert(Inert(text)); got != text {
			t.Errorf("%q comes back as %q", text, got)
		}
	}
}

func FuzzInert(f *testing.F) {
	f.Add("'=x")
	f.Fuzz(func(t *testing.T, text string) {
		if got := FromInert(Inert(text)); got != text {
			t.Errorf("%q comes back as %q", text, got)
		}
		if Live(text) && Inert(text)[0] != '\'' {
			t.Errorf("%q stays live", text)
		}
	})
}
