package data

import (
	"math"
	"strings"
	"testing"

	"github.com/paulmach/orb"
)

// Coordinates in degrees, minutes and seconds, or with letters, are read where every value
// of a column is so written; Milan lies at 9.19, 45.4642.
func TestDegreesSpelled(t *testing.T) {
	for _, c := range []struct {
		lon, lat string // of the row looked at, as cells
		more     string // a further row
		at       [2]float64
		want     string // what the error holds
	}{
		{lon: `"9°11'24""E"`, lat: `"45°27'51.12""N"`, at: [2]float64{9.19, 45.4642}},
		{lon: `9° 11′ 24″ E`, lat: `45° 27′ 51.12″ N`, at: [2]float64{9.19, 45.4642}},
		{lon: `9°11.4'E`, lat: `45°27.852'N`, at: [2]float64{9.19, 45.4642}},
		{lon: `009 11 24 E`, lat: `45 27 51.12 N`, at: [2]float64{9.19, 45.4642}},
		{lon: `9:11:24E`, lat: `45:27:51.12N`, at: [2]float64{9.19, 45.4642}},
		{lon: `E 9.19`, lat: `N45.4642`, at: [2]float64{9.19, 45.4642}},
		{lon: `9.19°`, lat: `45.4642°`, at: [2]float64{9.19, 45.4642}},
		{lon: `"9,19° E"`, lat: `45.4642`, at: [2]float64{9.19, 45.4642}},
		{lon: `9.19 W`, lat: `45.4642 S`, at: [2]float64{-9.19, -45.4642}},
		{lon: `-9°11'24''`, lat: `-45°27'51.12''`, at: [2]float64{-9.19, -45.4642}},
		{lon: `−9.19º`, lat: `45.4642º`, at: [2]float64{-9.19, 45.4642}},
		{lon: `9.19 E`, lat: `45.4642 N`, more: "8.5 E,47.4 N\nNA,46.1 N", want: `feature 3: lon is "NA": not written as the others are`},
		{lon: `9.19 E`, lat: `45.4642 N`, more: "8.5 E,47.4 N\n7.9 E,46.1 N\n7.9,46.1 N", want: `feature 4: lon is 7.9: not written as the others are (9.19 E); accepted: degrees as numbers, or every value`},
		{lon: `45.4642 N`, lat: `9.19 E`, want: `feature 1: lon is "45.4642 N": in a column of longitudes; accepted: E or W for longitudes`},
		{lon: `9.19 O`, lat: `45.4642 N`, want: `lon is "9.19 O": not a number alone`},
		{lon: `9°61'0''E`, lat: `45.4642 N`, want: `lon is "9°61'0''E"`},
		{lon: `-9.19 W`, lat: `45.4642 N`, want: `lon is "-9.19 W": not a number`},
		{lon: `091124E`, lat: `452751N`, want: `lon is "091124E"`},
		{lon: `9 11 24`, lat: `45 27 51`, want: `lon is "9 11 24"`},
		{lon: `190.5 E`, lat: `45 N`, want: `lon is "190.5 E"`},
		{lon: `9'11°E`, lat: `45 N`, want: `lon is "9'11°E"`},
	} {
		text := "name,lon,lat\na," + c.lon + "," + c.lat + "\n"
		if c.more != "" {
			text += "b," + strings.ReplaceAll(c.more, "\n", "\nb,") + "\n"
		}
		l, err := layerOf(t, "x.csv", text, Source{})
		switch {
		case c.want != "":
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s, %s: %v, want %s", c.lon, c.lat, err, c.want)
			}
		case err != nil:
			t.Errorf("%s, %s: %v", c.lon, c.lat, err)
		default:
			if p := l.Point(0); math.Abs(p[0]-c.at[0]) > 1e-12 || math.Abs(p[1]-c.at[1]) > 1e-12 {
				t.Errorf("%s, %s: at %v, want %v", c.lon, c.lat, p, c.at)
			}
			if !strings.Contains(strings.Join(l.Notes, " "), "were read as degrees") {
				t.Errorf("%s, %s: notes %q", c.lon, c.lat, l.Notes)
			}
		}
	}
}

// Columns of coordinates are found by the names that offices of several languages give them.
func TestCoordinateNames(t *testing.T) {
	for _, names := range []string{"lon,lat", "Längengrad,Breitengrad", "LONGITUD,LATITUD", "longitudine,latitudine", "decimalLongitude,decimalLatitude", "INTPTLONG,INTPTLAT"} {
		l, err := layerOf(t, "x.csv", "name,"+names+"\na,9.19,45.46\n", Source{})
		if err != nil || l.IsTable() || l.Point(0) != (orb.Point{9.19, 45.46}) {
			t.Errorf("%s: %v", names, err)
		}
	}
}

// Names of other languages count as pairs, of numbers that are degrees: longitud is a length
// as well.
func TestCoordinatesInOtherLanguages(t *testing.T) {
	for _, c := range []struct {
		name, input string
		points      bool
	}{
		{"both", "name,longitud,latitud\nA,-3.7,40.4\n", true},
		{"German", "Ort,Breitengrad,Längengrad\nA,48.1,11.5\n", true},
		{"a length of roads", "via,longitud\na,300\n", false},
		{"a length beside a matrix", "origen,destino,minutos,longitud\nA,S,20,12.5\n", false},
		{"metres", "name,longitud,latitud\nA,440000,4474000\n", false},
		{"with commas", "name;longitud;latitud\nA;-3,7;40,4\n", false},
	} {
		l, err := Read(t.Context(), strings.NewReader(c.input), "a.csv", Source{}, Limits{})
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if l.IsTable() == c.points {
			t.Errorf("%s: points %v, want %v", c.name, !l.IsTable(), c.points)
		}
	}
}
