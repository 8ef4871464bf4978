package access

// found2026 are the figures that were read in 2026, mostly to stand beside what a
// model says. None acts by itself.
var found2026 = beside([]Evidence{
	{Key: "counts.es_requests", What: "requests to the national programme in 2024 (2,742 from 2019 to June 2025, of 187 hospitals, 93.3 % favourable; 40 designations: 29 adult, 11 paediatric): requests, not infusions",
		Value: 746, Unit: "requests a year, all indications", Population: "Spain, 2024", Source: "ministry's report on Advanced Therapies 2025, in the press of 2026-01-30", Status: Excerpt},
	rate2026("AT", 1.68, "Austria, 2024: 150 products"),
	rate2026("CH", 1.5, "Switzerland, about, 2019-25: 300 at Bern, said to be a third"),
	rate2026("FR", 1.14, "France, mean of 2018-25"),
	rate2026("IT", 0.83, "Italy, 2024"),
	rate2026("DE", 0.62, "Germany, over, mean of 2018-24, register"),
	rate2026("ES", 1.5, "Spain, 2024, requests"),
	rate2026("GB_SCT", 0.48, "Scotland, 2023"),
	rate2026("GB_ENG", 0.42, "England, over, mean of late 2018 to February 2025"),
	rate2026("PT", 0.32, "Portugal, mean of 2019-25"),
	{Key: "counts.sa_sent", What: "patients sent to other states (1.7 per 100,000); Royal Adelaide was to begin in 2026 with support for 4 patients in its first year", Value: 30, Unit: "a year, all indications",
		Population: "South Australia, 2025", Source: "state press, December 2025", Status: Excerpt},
	{Key: "counts.ebmt_total", What: "patients treated to 2023; the yearly series that the trends are fitted to sums to 13,928 from 2018 on", Value: 13927, Unit: "patients, cumulative",
		Population: "EBMT centers", Source: "EBMT report 2023", Status: Excerpt},
	{Key: "counts.autoimmune", What: "treated for autoimmune disease worldwide by February 2026, fewer than: no default for that demand", Value: 400, Unit: "patients, cumulative",
		Population: "world", Source: "one weak page", Status: Unproven},
	{Key: "demand.default_treated", What: "what the default demand and reach give together: third-line large B-cell lymphoma alone, three to seven times less than counts of all indications", Value: 0.238, Unit: "treated per 100,000 people a year",
		Population: "US, third line", Source: "by arithmetic: 1.19 x 0.20", Status: Derived},
	{Key: "demand.indications", What: "of twelve US indications reimbursed in January 2024: France, Germany 11; Japan 9; Italy, Canada 8; England 6; Australia 4", Value: 11, Unit: "indications", Interval: &Range{4, 11},
		Basis: "range over countries", Population: "seven countries", Source: "CAR T Vision report 2025; lists of the countries", Status: Read, Funding: vision},
	{Key: "choice.england_car_t", What: "patients beyond one hour if 15 CAR-T centers were chosen as patients were seen to choose (51 cancer centers: 28 %, and 40.9 minutes more on average)", Value: 0.44, Unit: "share",
		Population: "England, conditional logit of 10,050 patients with metastatic colorectal cancer", Source: "Han et al. 2025, Eur J Cancer 226:115594", Status: Excerpt},
	{Key: "travel.recipients_europe", What: "way from home to the center: mean 78 km; 21 % stayed elsewhere for a time, 24 % were in intensive care", Value: 50, Unit: "km, median", Interval: &Range{20, 101}, Basis: "quartiles",
		Population: "ten European countries, 389 recipients who answered a survey: selected", Source: "Pennings et al. 2025, Blood Adv 9:6380", Status: Excerpt, ErratumChecked: looked},
	{Key: "travel.recipients_oregon", What: "treated who lived beyond 120 miles (52 % beyond 30, 40 % beyond 60)", Value: 0.29, Unit: "share", Population: "Oregon, 154 treated", Source: "PubMed 39426942", Status: Excerpt},
	{Key: "travel.optimism", What: "people within 5 minutes of a hospital by GPS, where the network says 0.89: travel engines are optimistic", Value: 0.38, Unit: "share", Population: "Beijing", Source: "Int J Health Policy Manag, article 4309", Status: Excerpt},
	{Key: "travel.monitoring_eu", What: "days of daily monitoring in EU labels of two products since 2024, 10 before; no EU change of proximity or driving was found; a maker's undated US page has a two-hour radius for four weeks", Value: 7, Unit: "days",
		Population: "European Union", Source: "trade press; product page", Status: Excerpt},
	{Key: "attrition.out_of_specification", What: "cilta-cel products out of specification (2.9 % failed)", Value: 0.16, Unit: "share of aphereses", Population: "212 aphereses", Source: "Blood 146 S1:405", Status: Excerpt},
	{Key: "attrition.uk_manufacturing", What: "products for large B-cell lymphoma that could not be made: 38 of 903 by one source (4.2 %; mantle cell 14 of 97, B-ALL 6 of 138), 38 of 981 by another (3.9 %); which denominator is right is not settled",
		Value: 38.0 / 903, Unit: "share", Interval: &Range{38.0 / 981, 38.0 / 903}, Basis: "the two denominators that are published", Population: "United Kingdom", Source: "abstract of the national panel (903); UK series of 2022 to 2024 (British Journal of Haematology, Cambridge repository), not told apart (981)", Status: Excerpt},
	{Key: "attrition.myeloma_collected", What: "referred patients with myeloma whose cells were collected: 88 of 179", Value: 88.0 / 179, Unit: "share", Population: "one series", Source: "Blood 144 S1:6937", Status: Excerpt},
	{Key: "attrition.netherlands", What: "infused of those referred to the national board: 250 referred, 160 apheresed, 145 infused", Value: 145.0 / 250, Unit: "share", Population: "Netherlands, large B-cell lymphoma from the third line, May 2020 to May 2022",
		Source: "Cancers 2023;15:4334", Status: Excerpt},
	{Key: "volume.new_sites", What: "patients a new site treated: 38 at 8 sites in 13 months; another abstract has 43 at 4 sites", Value: 38.0 / 8, Unit: "a site in 13 months", Interval: &Range{38.0 / 8, 43.0 / 4}, Basis: "two abstracts",
		Population: "US, new sites", Source: "abstracts, without address", Status: Excerpt},
	{Key: "volume.scenarios_spain", What: "patients a center and year that were taken as low, middle and high", Value: 25, Unit: "a year", Interval: &Range{10, 50}, Basis: "scenarios: 10, 25, 50", Population: "Spain",
		Source: "BMJ Open 2023;13:e071371", Status: Excerpt},
	{Key: "equity.england_deprived", What: "treated who live in the most deprived fifth of areas (23.8 % in the least deprived)", Value: 0.117, Unit: "share", Population: "England, diffuse large B-cell lymphoma, 2019 to March 2022",
		Source: "company case study", Status: Excerpt, Funding: "industry"},
	{Key: "delay.spain", What: "from application to treatment", Value: 65, Unit: "days", Population: "Spain", Source: "press on the ministry's report", Status: Excerpt},
	{Key: "delay.spain_transfer", What: "longer that each stage took for patients who came from another region", Value: 2, Unit: "days a stage", Interval: &Range{2, 3}, Basis: "two to three, as published",
		Population: "Spain", Source: "press on the ministry's report", Status: Excerpt},
})

// beside marks rows that no model takes.
func beside(rows []Evidence) []Evidence {
	for i := range rows {
		rows[i].Beside = true
	}
	return rows
}

// rate2026 is a counted rate of all indications: means hide growth, and countries
// are not ranked by them.
func rate2026(area string, value float64, population string) Evidence {
	return Evidence{Key: "counts.rate_" + area, What: "counted patients a year, all indications: no ranking, since means over years hide growth", Value: value, Unit: "per 100,000 people",
		Population: population, Source: "the counts of the atlas (layer observed; docs/reality.md)", Status: Derived}
}
